import { describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowDelete } from './index.js'

describeAttack(craftedRowDelete, import.meta.url)
