import { describeAttack } from '../../../../test/describe-attack.js'
import { largeObject } from './index.js'

describeAttack(largeObject, import.meta.url)
