import { describeAttack } from '../../../../test/describe-attack.js'
import { leakyView } from './index.js'

describeAttack(leakyView, import.meta.url)
