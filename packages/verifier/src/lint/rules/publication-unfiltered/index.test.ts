import { describeRule } from '../../../../test/describe-rule.js'
import { publicationUnfiltered } from './index.js'

describeRule(publicationUnfiltered, import.meta.url, { severity: 'warning', fixable: false })
