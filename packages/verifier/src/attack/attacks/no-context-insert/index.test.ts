import { describeAttack } from '../../../../test/describe-attack.js'
import { noContextInsert } from './index.js'

describeAttack(noContextInsert, import.meta.url)
