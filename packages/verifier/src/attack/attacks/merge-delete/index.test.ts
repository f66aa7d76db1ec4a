import { describeAttack } from '../../../../test/describe-attack.js'
import { mergeDelete } from './index.js'

describeAttack(mergeDelete, import.meta.url)
