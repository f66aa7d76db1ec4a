import { describeAttack } from '../../../../test/describe-attack.js'
import { mergeInsert } from './index.js'

describeAttack(mergeInsert, import.meta.url)
