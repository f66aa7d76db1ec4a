import { describeAttack } from '../../../../test/describe-attack.js'
import { craftedRowSelect } from './index.js'

describeAttack(craftedRowSelect, import.meta.url)
