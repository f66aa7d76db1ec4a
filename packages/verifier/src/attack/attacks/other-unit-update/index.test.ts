import { describeAttack } from '../../../../test/describe-attack.js'
import { otherUnitUpdate } from './index.js'

describeAttack(otherUnitUpdate, import.meta.url)
