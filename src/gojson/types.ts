/**
 * Descriptions of JSON values as Go's encoding/json decodes them into typed fields. The reader is driven
 * by them, and `Value` gives the TypeScript type of what it returns, so shape and type have one source.
 */

/** What a description may say about the place where it stands. */
interface Place {
  /** Minor API version that brought the field; below it the daemon drops the field without a word. */
  readonly since?: number;
  /**
   * Whether a value of a field that the daemon drops would have been a protection. Such a value is left
   * out; every other value of a dropped field stays, since another daemon may act on it.
   */
  readonly protects?: (value: unknown) => boolean;
  /** Why no policy needs to judge the field. Absent: a control judges it. */
  readonly harmless?: string;
}

interface StringType extends Place {
  readonly kind: 'string';
}
interface BoolType extends Place {
  readonly kind: 'bool';
}
/** Any Go integer; the reader holds values exactly and refuses what no 64-bit integer can hold. */
interface IntType extends Place {
  readonly kind: 'int';
}
interface FloatType extends Place {
  readonly kind: 'float';
}
/** Any JSON value, passed over: only whether it is empty (null, false, 0, "", [], {}) is kept. */
interface AnyType extends Place {
  readonly kind: 'any';
}
interface ListType<E extends GoType = GoType> extends Place {
  readonly kind: 'list';
  readonly of: E;
  /** A bare string stands for a list of one (Docker's StrSlice, up to 28). */
  readonly bare: boolean;
}
/** A Go map: its keys are exact, unlike those of a struct. */
interface MapType<E extends GoType = GoType> extends Place {
  readonly kind: 'map';
  readonly of: E;
}
export interface StructType<F extends Fields = Fields> extends Place {
  readonly kind: 'struct';
  /** Docker's name of the struct: with a field's name it tells the field from all others (`HostConfig.Binds`). */
  readonly name: string;
  readonly fields: F;
  /** Structs whose fields Go flattens into this one; they keep their own struct's name. */
  readonly embeds: readonly StructType[];
  /** Fields by their name, and where another spelling is asked for, by the folded (lower-case) one. */
  readonly byName: ReadonlyMap<string, NamedField>;
  readonly byFold: ReadonlyMap<string, NamedField>;
}

interface NamedField {
  readonly name: string;
  readonly type: GoType;
}

export type Fields = { readonly [name: string]: GoType };
export type GoType = StringType | BoolType | IntType | FloatType | AnyType | ListType | MapType | StructType;

/** An integer, exact: a bigint where a number could not hold it. The two compare with `<` and `>`. */
export type Int = number | bigint;

/** What the reader returns for a description. Every struct field may be absent: JSON null is absence. */
export type Value<T extends GoType> = T extends StringType
  ? string
  : T extends BoolType
    ? boolean
    : T extends IntType
      ? Int
      : T extends FloatType
        ? number
        : T extends ListType<infer E>
          ? readonly Value<E>[]
          : T extends MapType<infer E>
            ? ReadonlyMap<string, Value<E>>
            : T extends StructType<infer F>
              ? { readonly [K in keyof F]?: Value<F[K]> }
              : { readonly empty: boolean };

export const string: StringType = { kind: 'string' };
export const bool: BoolType = { kind: 'bool' };
export const int: IntType = { kind: 'int' };
export const float: FloatType = { kind: 'float' };
export const any: AnyType = { kind: 'any' };

export function list<E extends GoType>(of: E): ListType<E> {
  return { kind: 'list', of, bare: false };
}

/** Docker's StrSlice: a list of strings for which daemons up to 28 also take a bare string. */
export const strSlice: ListType<StringType> = { kind: 'list', of: string, bare: true };

export function map<E extends GoType>(of: E): MapType<E> {
  return { kind: 'map', of };
}

export function struct<F extends Fields>(
  name: string,
  fields: F,
  embeds: readonly StructType[] = [],
): StructType<F> {
  const named = Object.entries(fields).map(([field, type]): NamedField => ({ name: field, type }));
  const byName = new Map(named.map((field) => [field.name, field]));
  const byFold = new Map(named.map((field) => [fold(field.name), field]));
  return { kind: 'struct', name, fields, embeds, byName, byFold };
}

/** A field that came with API 1.`minor`; `protects` as in `Place`. */
export function since<T extends GoType>(minor: number, type: T, protects?: (value: unknown) => boolean): T {
  return { ...type, since: minor, ...(protects && { protects }) };
}

/** A field that no policy needs to judge, and why. */
export function harmless<T extends GoType>(type: T, why: string): T {
  return { ...type, harmless: why };
}

/** The spelling under which Go compares keys of structs; only ASCII reaches it here. */
export function fold(key: string): string {
  return key.toLowerCase();
}
