import type { SchemaDef } from '@zenstackhq/orm/schema'

/** What ZenStack's generator writes for the table of items; ids are `String @db.Uuid`. */
export class ShopSchema implements SchemaDef {
  readonly provider = { type: 'postgresql' } as const
  readonly models = {
    Item: {
      name: 'Item',
      fields: {
        id: { name: 'id', type: 'String', id: true, attributes: [{ name: '@db.Uuid' }] },
        tenant_id: { name: 'tenant_id', type: 'String', attributes: [{ name: '@db.Uuid' }] },
        name: { name: 'name', type: 'String' },
        price: { name: 'price', type: 'Int' },
        stock: { name: 'stock', type: 'Int' },
        position: { name: 'position', type: 'Int' },
      },
      attributes: [
        { name: '@@map', args: [{ name: 'name', value: { kind: 'literal', value: 'items' } }] },
        { name: '@@schema', args: [{ name: 'map', value: { kind: 'literal', value: 'shop' } }] },
      ],
      idFields: ['id'],
      uniqueFields: { id: { type: 'String' } },
    },
  } as const
  readonly plugins = {}
}
