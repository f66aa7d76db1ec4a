import { z } from 'zod'
import type { AssetKind, AssetStatus } from './asset-repository.js'
import { attributes, plainText, tags } from './fields.js'

/** What assets are. */
export const assetKind: z.ZodType<AssetKind, AssetKind> = z.enum([
  'server',
  'workstation',
  'network',
  'camera',
  'cloud',
])

/** What became of assets. */
export const assetStatus: z.ZodType<AssetStatus, AssetStatus> = z.enum([
  'pending',
  'approved',
  'retired',
])

type Text = z.ZodType<string, string>

const hostname = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, 'is no host name in lower case')

const ipAddress: Text = z.union([z.ipv4(), z.ipv6()])

const hardwareAddress = z
  .string()
  .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'is no hardware address in lower case')

/** What identifies a machine. */
export const machineFields: {
  readonly hostname: Text
  readonly kind: typeof assetKind
  readonly address: z.ZodOptional<Text>
  readonly hardwareAddress: z.ZodOptional<Text>
  readonly serialNumber: z.ZodOptional<Text>
  readonly attributes: z.ZodOptional<typeof attributes>
} = {
  hostname,
  kind: assetKind,
  address: ipAddress.optional(),
  hardwareAddress: hardwareAddress.optional(),
  serialNumber: plainText(100).optional(),
  attributes: attributes.optional(),
}

/** What describes a machine and may change; null takes a value away. */
export const describingFields: {
  readonly label: z.ZodNullable<Text>
  readonly kind: typeof assetKind
  readonly address: z.ZodNullable<Text>
  readonly hardwareAddress: z.ZodNullable<Text>
  readonly serialNumber: z.ZodNullable<Text>
  readonly tags: typeof tags
  readonly attributes: typeof attributes
} = {
  label: z.nullable(plainText(200)),
  kind: assetKind,
  address: z.nullable(ipAddress),
  hardwareAddress: z.nullable(hardwareAddress),
  serialNumber: z.nullable(plainText(100)),
  tags,
  attributes,
}
