import type { FunctionInfo } from 'watertight/catalog'
import { formatTableName } from 'watertight/model'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import { disclosureReview } from '../../../graph/disclosures.js'
import type { ReviewedDisclosure } from '../../../graph/disclosures.js'
import { functionName } from '../../../graph/function-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

const id = 'disclosure-exceeded'

/** Functions that answer across tenants do so as the model declares, and nothing else does. */
export const disclosureExceeded: CatalogRule = {
  kind: 'catalog',
  id,
  title: 'What answers across tenants is not declared, or does more than is declared.',
  check: (input) => {
    const { role, roleFaults, declared, undeclared } = disclosureReview(input.model, input.catalog)
    if (role === null) return []
    return [
      ...(roleFaults.length > 0 ? [roleFinding(role, roleFaults)] : []),
      ...declared.flatMap((each) => (each.faults.length > 0 ? [exceeded(each)] : [])),
      ...undeclared.flatMap((fn) => {
        const callers = callersOf(input, fn)
        return callers.length > 0 ? [undeclaredFinding(role, fn, callers)] : []
      }),
    ]
  },
}

function roleFinding(role: string, faults: readonly string[]): Finding {
  return makeFinding({
    rule: id,
    severity: 'error',
    object: `role ${role}`,
    message: `Functions that answer across tenants run as ${role}, which is not kept to what they declare: ${faults.join('; ')}.`,
    evidence: { role, faults },
    remedy:
      'Run `watertight plan`: it takes every right from the role that no disclosure declares. Take memberships and attributes from it by hand.',
  })
}

function exceeded({ disclosure, functions, faults }: ReviewedDisclosure): Finding {
  const [fn] = functions
  const name = fn === undefined ? formatTableName(disclosure.function) : functionName(fn)
  return makeFinding({
    rule: id,
    severity: fn === undefined ? 'warning' : 'error',
    object: name,
    message: `${name} is declared to answer across tenants and is not as declared: ${faults.join('; ')}.`,
    evidence: { faults, reason: disclosure.reason },
    remedy:
      'Run `watertight plan` for its owner and EXECUTE; change its body, or declare in `disclosures` what it does and why that may be told.',
  })
}

function undeclaredFinding(role: string, fn: FunctionInfo, callers: readonly string[]): Finding {
  const name = functionName(fn)
  return makeFinding({
    rule: id,
    severity: 'error',
    object: name,
    message: `${name} runs as ${role}, which reads across tenants, and no disclosure declares it: ${listed(callers)} may call it.`,
    evidence: { role, roles: callers },
    remedy: 'Declare it in `disclosures`, give it another owner, or drop it.',
  })
}

function callersOf(input: LintInput, fn: FunctionInfo): readonly string[] {
  return input.roles.map(({ name }) => name).filter((role) => input.access.canExecute(role, fn))
}
