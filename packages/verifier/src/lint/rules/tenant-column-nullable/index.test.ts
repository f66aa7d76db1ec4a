import { describeRule } from '../../../../test/describe-rule.js'
import { tenantColumnNullable } from './index.js'

describeRule(tenantColumnNullable, import.meta.url, { severity: 'warning', fixable: true })
