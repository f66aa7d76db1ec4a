import { describeAttack } from '../../../../test/describe-attack.js'
import { sharedRows } from './index.js'

describeAttack(sharedRows, import.meta.url)
