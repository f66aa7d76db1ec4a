import { describeAttack } from '../../../../test/describe-attack.js'
import { preparedPlan } from './index.js'

describeAttack(preparedPlan, import.meta.url)
