import { describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowUpdate } from './index.js'

describeAttack(craftedRowUpdate, import.meta.url)
