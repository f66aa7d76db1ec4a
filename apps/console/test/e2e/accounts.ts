/** Somebody of the demo, by the subject at its provider. */
export type Account = keyof typeof accounts

/** Who they are. */
export const accounts = {
  ada: 'administrator of Northgate Security',
  milan: 'manager of a site of Northgate Security with all below',
  sofia: 'analyst at one site of Northgate Security',
  greta: 'administrator of Lindenhof School',
  jonas: 'manager of a department of the school',
  lea: 'pupil',
  omar: 'administrator of Harbour Events',
  ines: 'manager at Harbour Events',
  noah: 'member of two tenants',
  helen: 'auditor with a window on Northgate Security',
  tomas: 'platform support with windows on two tenants',
  amara: 'platform staff without windows',
  yuki: 'belongs to nobody',
} as const

/** The address that an account signs in with. */
export function addressOf(account: Account): string {
  return `${account}@watertight.example`
}
