import { describeAttack } from '../../../../test/describe-attack.js'
import { otherUnitDelete } from './index.js'

describeAttack(otherUnitDelete, import.meta.url)
