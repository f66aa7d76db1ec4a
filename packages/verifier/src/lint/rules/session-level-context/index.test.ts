import { describeRule } from '../../../../test/describe-rule.js'
import { sessionLevelContext } from './index.js'

describeRule(sessionLevelContext, import.meta.url, { severity: 'warning', fixable: false })
