import { describeAttack } from '../../../../test/describe-attack.js'
import { shadowFunction } from './index.js'

describeAttack(shadowFunction, import.meta.url)
