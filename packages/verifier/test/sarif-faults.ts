/**
 * The constraints of SARIF 2.1.0 (OASIS) that our logs could break, section numbers of the standard:
 * an empty list says that a log keeps them.
 */
export function sarifFaults(text: string): string[] {
  const faults: string[] = []
  const need = (ok: boolean, fault: string): void => void (ok || faults.push(fault))
  const log = JSON.parse(text)
  need(log.version === '2.1.0', '3.13.2 version')
  need(String(log.$schema).startsWith('https://'), '3.13.3 $schema')
  need(Array.isArray(log.runs) && log.runs.length > 0, '3.13.4 runs')
  for (const run of log.runs) {
    const { rules = [], name } = run.tool.driver
    need(typeof name === 'string' && name !== '', '3.19.8 driver.name')
    const ids = rules.map((rule: { id: string }) => rule.id)
    need(new Set(ids).size === ids.length, '3.19.23 rules are distinct')
    for (const rule of rules) {
      need(typeof rule.shortDescription?.text === 'string', '3.49.9 shortDescription')
      need(['none', 'note', 'warning', 'error'].includes(rule.defaultConfiguration.level), '3.50.3')
      need(URL.canParse(rule.helpUri), '3.49.12 helpUri')
    }
    need(run.automationDetails?.id.endsWith('/') !== undefined, '3.17.3 automationDetails')
    need(Array.isArray(run.results), '3.14.23 results')
    for (const each of run.results) {
      need(typeof each.message?.text === 'string' && each.message.text !== '', '3.27.11 message')
      need(ids[each.ruleIndex] === each.ruleId, '3.27.6 ruleIndex names ruleId')
      need(['none', 'note', 'warning', 'error'].includes(each.level), '3.27.10 level')
      need(
        each.kind === 'fail' || each.level === 'none',
        '3.27.9 level is none unless kind is fail',
      )
      need(Array.isArray(each.suppressions), '3.27.23 suppressions on all results or none')
      for (const each2 of each.suppressions) {
        need(['inSource', 'external'].includes(each2.kind), '3.35.2 suppression.kind')
        need(['accepted', 'underReview', 'rejected'].includes(each2.status), '3.35.3 status')
      }
      const states = run.results.map((one: { baselineState?: string }) => one.baselineState)
      need(new Set(states.map((state: unknown) => state === undefined)).size === 1, '3.27.24')
      for (const location of [...each.locations, ...(each.relatedLocations ?? [])]) {
        const physical = location.physicalLocation
        const uri: unknown = physical?.artifactLocation.uri
        need(uri === undefined || !/[\s<>"{}|\\^`]/.test(String(uri)), '3.4.3 uri is a URI')
        need(physical === undefined || physical.region.startLine >= 1, '3.30.5 startLine')
        for (const logical of location.logicalLocations ?? []) {
          need(typeof logical.fullyQualifiedName === 'string', '3.33.5 fullyQualifiedName')
        }
      }
      for (const print of Object.values(each.partialFingerprints)) {
        need(typeof print === 'string', '3.27.17 partialFingerprints')
      }
    }
    for (const invocation of run.invocations) {
      need(typeof invocation.executionSuccessful === 'boolean', '3.20.14 executionSuccessful')
      for (const note of invocation.toolExecutionNotifications) {
        need(typeof note.message?.text === 'string', '3.58.5 notification.message')
      }
    }
  }
  return faults
}
