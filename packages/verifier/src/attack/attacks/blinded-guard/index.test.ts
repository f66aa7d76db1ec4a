import { describeAttack } from '../../../../test/describe-attack.js'
import { blindedGuard } from './index.js'

describeAttack(blindedGuard, import.meta.url)
