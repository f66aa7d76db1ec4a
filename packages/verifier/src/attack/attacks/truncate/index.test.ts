import { describeAttack } from '../../../../test/describe-attack.js'
import { truncate } from './index.js'

describeAttack(truncate, import.meta.url)
