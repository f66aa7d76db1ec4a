import { describeAttack } from '../../../../test/describe-attack.js'
import { foreignInsert } from './index.js'

describeAttack(foreignInsert, import.meta.url)
