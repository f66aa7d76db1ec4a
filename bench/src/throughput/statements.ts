import type { ScopedStatement } from './adapter.js'

/** Adds `and tenant_id = $n` behind the conditions for variants without row level security. */
function scoped(
  tenant: string,
  conditions: string,
  values: readonly unknown[],
  rest = '',
): ScopedStatement {
  const own = [conditions, ' and tenant_id = $', values.length + 1, rest].join('')
  return {
    text: conditions + rest,
    values,
    where: { text: own, values: [...values, tenant] },
  }
}

export function itemById(tenant: string, id: string): ScopedStatement {
  const text = 'select id, tenant_id, name, price, stock from shop.items where id = $1'
  return scoped(tenant, text, [id])
}

/** An ordered page; the condition on the tenant is the policy's where there is one. */
export function tenItems(tenant: string): ScopedStatement {
  const text = 'select id, tenant_id, name, price, stock from shop.items where position >= $1'
  return scoped(tenant, text, [0], ' order by position limit 10')
}

export function itemWithSupplier(tenant: string, id: string): ScopedStatement {
  return scoped(tenant, 'select supplier_id from shop.items where id = $1', [id])
}

export function supplierById(tenant: string, id: unknown): ScopedStatement {
  return scoped(tenant, 'select id, name from shop.suppliers where id = $1', [id])
}

export function stockForUpdate(tenant: string, id: string): ScopedStatement {
  return scoped(tenant, 'select stock from shop.items where id = $1', [id], ' for update')
}

export function setStock(tenant: string, id: string, stock: number): ScopedStatement {
  return scoped(tenant, 'update shop.items set stock = $2 where id = $1', [id, stock])
}

export function insertNotes(tenant: string, bodies: readonly string[]): ScopedStatement {
  const text = 'insert into shop.notes (tenant_id, body) select $1, unnest($2::text[])'
  const values = [tenant, bodies]
  return { text, values, where: { text, values } }
}

const joined = `select o.id, i.name, sum(l.quantity)::int as quantity
  from shop.orders o join shop.order_lines l on l.order_id = o.id join shop.items i on i.id = o.item_id`

/** Three tables below an org unit; without org units in the policy the statement walks the tree. */
export function ordersBelow(tenant: string, unit: string, unitsInPolicy: boolean): ScopedStatement {
  const tree = `with recursive below(id) as (
    select id from shop.org_units where id = $1
    union all
    select u.id from shop.org_units u join below b on u.parent_id = b.id)`
  const end = 'group by o.id, i.name order by o.id'
  const own = 'o.tenant_id = $2 and l.tenant_id = $2 and i.tenant_id = $2'
  const where = {
    text: `${tree} ${joined} where ${own} and o.org_unit_id in (select id from below) ${end}`,
    values: [unit, tenant],
  }
  return unitsInPolicy
    ? { text: `${joined} where o.placed_on >= $1 ${end}`, values: ['2026-01-01'], where }
    : {
        text: `${tree} ${joined} where o.org_unit_id in (select id from below) ${end}`,
        values: [unit],
        where,
      }
}
