import type { operations } from '../../api/schema.js'
import type { Field } from '../../forms/field.js'

type Asset = operations['getAsset']['responses'][200]['content']['application/json']

/** Kinds of assets as options of a choice. */
export const assetKinds = ['server', 'workstation', 'network', 'camera', 'cloud'].map((value) => ({
  value,
  label: value,
}))

/** What describes an asset and can change, filled with what one says now. */
export function assetFields(asset?: Asset): readonly Field[] {
  return [
    {
      name: 'kind',
      label: 'Kind',
      kind: 'choice',
      isRequired: true,
      options: assetKinds,
      ...(asset && { initial: asset.kind }),
    },
    ...texts.map((field) => ({ ...field, initial: asset?.[field.name] ?? '' })),
    {
      name: 'tags',
      label: 'Tags',
      kind: 'words',
      help: 'Words of small letters, digits, dots and dashes, between commas.',
      initial: asset?.tags.join(', ') ?? '',
    },
  ]
}

const texts = [
  {
    name: 'label',
    label: 'Label',
    kind: 'text',
    maxLength: 200,
    help: 'What people call it; its host name otherwise.',
  },
  { name: 'address', label: 'IP address', kind: 'text' },
  {
    name: 'hardwareAddress',
    label: 'Hardware address',
    kind: 'text',
    help: 'Six pairs of digits and small letters: 0a:1b:2c:3d:4e:5f.',
  },
  { name: 'serialNumber', label: 'Serial number', kind: 'text', maxLength: 100 },
] as const satisfies readonly Field[]

/** Fields of {@link assetFields} that may be emptied. */
export const emptiableAssetFields = texts.map(({ name }) => name)
