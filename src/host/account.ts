/** Who is at the keyboard, also behind sudo. */
export function account(): string {
  return process.env['SUDO_USER'] || process.env['LOGNAME'] || process.env['USER'] || 'root';
}
