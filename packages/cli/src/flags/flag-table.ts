/** One flag of a command. */
export type FlagSpec = SwitchFlag | TextFlag | ListFlag | NumberFlag | ChoiceFlag

/** Present or absent. */
export interface SwitchFlag {
  readonly kind: 'switch'
  readonly summary: string
}

/** Takes one value. */
export interface TextFlag {
  readonly kind: 'text'
  /** What the value is, in capitals: `DIR`. */
  readonly value: string
  readonly summary: string
}

/** Can be given several times. */
export interface ListFlag {
  readonly kind: 'list'
  readonly value: string
  readonly summary: string
}

/** Takes a whole number that is not negative. */
export interface NumberFlag {
  readonly kind: 'number'
  readonly value: string
  readonly summary: string
}

/** Takes one of a few words, or several of them where it can be repeated. */
export interface ChoiceFlag {
  readonly kind: 'choice'
  readonly choices: readonly string[]
  readonly summary: string
}

/** The flags of a command by name, without the leading dashes. */
export type FlagTable = Readonly<Record<string, FlagSpec>>

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type FlagValue<Spec extends FlagSpec> = Spec extends { readonly kind: 'switch' }
  ? boolean
  : Spec extends { readonly kind: 'text' }
    ? string
    : Spec extends { readonly kind: 'list' }
      ? readonly string[]
      : Spec extends { readonly kind: 'number' }
        ? number
        : Spec extends ChoiceFlag
          ? Spec['choices'][number]
          : never

/** The values of a flag table by camel-cased name; what was not given is absent. */
export type FlagValues<Flags extends FlagTable> = {
  readonly [Name in keyof Flags & string as CamelCase<Name>]?: FlagValue<Flags[Name]> | undefined
}

/** What a command gets: flag values and operands. */
export type CommandInput<Flags extends FlagTable> = FlagValues<Flags> & {
  /** Arguments that are no flags, in order. */
  readonly operands?: readonly string[]
}

/** `no-input` as `noInput`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_match, letter: string) => letter.toUpperCase())
}
