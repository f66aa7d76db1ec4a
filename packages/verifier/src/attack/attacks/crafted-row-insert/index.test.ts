import { describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowInsert } from './index.js'

describeAttack(craftedRowInsert, import.meta.url)
