/** The flags of a container that passes the whole of `restricted`, each with the rules that ask for it. */
export const flagsOfRestricted: Readonly<Record<string, readonly string[]>> = {
  '--user 1000:1000': ['user'],
  '--cap-drop ALL': ['capabilities.drop'],
  '--security-opt no-new-privileges': ['noNewPrivileges'],
  '--memory 512m': ['memory.required', 'memorySwap.required'],
  '--cpus 1': ['cpus.required'],
  '--pids-limit 200': ['pids.required'],
};
