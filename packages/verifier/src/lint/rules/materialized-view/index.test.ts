import { describeRule } from '../../../../test/describe-rule.js'
import { materializedView } from './index.js'

describeRule(materializedView, import.meta.url, { severity: 'error', fixable: false })
