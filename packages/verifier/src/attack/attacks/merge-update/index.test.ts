import { describeAttack } from '../../../../test/describe-attack.js'
import { mergeUpdate } from './index.js'

describeAttack(mergeUpdate, import.meta.url)
