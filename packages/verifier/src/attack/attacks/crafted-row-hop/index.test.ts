import { describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowHop } from './index.js'

describeAttack(craftedRowHop, import.meta.url)
