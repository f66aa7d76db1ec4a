/**
 * What a version of a key may do: `active` seals and opens, `rotating` opens what is not sealed anew
 * yet, `disabled` does neither until it is enabled, `destroyed` never does again.
 */
export type KeyState = 'active' | 'rotating' | 'disabled' | 'destroyed'

/** What is done to a version of a key. */
export type KeyChange = 'replace' | 'activate' | 'disable' | 'enable' | 'destroy'

const changes: Readonly<Record<KeyState, Partial<Readonly<Record<KeyChange, KeyState>>>>> = {
  active: { replace: 'rotating', disable: 'disabled', destroy: 'destroyed' },
  rotating: { disable: 'disabled', destroy: 'destroyed' },
  disabled: { enable: 'rotating', activate: 'active', destroy: 'destroyed' },
  destroyed: {},
}

/**
 * The state after a change; null when the change is not possible.
 *
 * @example stateAfter('destroyed', 'enable') // null
 */
export function stateAfter(state: KeyState, change: KeyChange): KeyState | null {
  return changes[state][change] ?? null
}

/** True when what was sealed with the key can be opened. */
export function canOpen(state: KeyState): boolean {
  return state === 'active' || state === 'rotating'
}
