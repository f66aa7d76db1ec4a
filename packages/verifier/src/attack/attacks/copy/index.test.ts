import { describeAttack } from '../../../../test/describe-attack.js'
import { copy } from './index.js'

describeAttack(copy, import.meta.url)
