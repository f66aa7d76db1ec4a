import { describeAttack } from '../../../../test/describe-attack.js'
import { upsert } from './index.js'

describeAttack(upsert, import.meta.url)
