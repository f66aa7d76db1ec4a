import type { Queryable } from 'watertight/sql'

/** What came of an attempt: another eraser was faster, a hold or a restored tenant ended it, or it is done. */
export type ErasureOutcome = 'not_due' | 'halted' | 'erased'

/** Erasures that two people have agreed on and whose time has come. As the eraser. */
export async function dueErasures(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ erasure_id: string }>(
    'select erasure_id from ops.due_erasures()',
  )
  return rows.map((row) => row.erasure_id)
}

/** Deletes the tenant of an erasure and keeps the proof, in one transaction. As the eraser. */
export async function eraseTenantOf(db: Queryable, erasureId: string): Promise<ErasureOutcome> {
  const { rows } = await db.query<{ outcome: ErasureOutcome }>(
    'select outcome from ops.erase_tenant($1)',
    [erasureId],
  )
  return rows[0]?.outcome ?? 'not_due'
}

/** Keeps why an attempt failed, and puts the next one off. As the eraser. */
export async function noteFailure(db: Queryable, erasureId: string, why: string): Promise<void> {
  await db.query('select ops.note_failed_erasure($1, $2)', [erasureId, why])
}

/** Erased tenants whose files may be left, those first of which nobody has noted that they are gone. */
export async function erasedLately(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ subject_id: string }>(
    'select subject_id from ops.erased_lately()',
  )
  return rows.map((row) => row.subject_id)
}

/** Notes that the files of an erased tenant are gone; false when that is known. As the eraser. */
export async function noteFilesRemoved(db: Queryable, tenantId: string): Promise<boolean> {
  const { rows } = await db.query<{ noted: boolean }>(
    'select ops.note_files_removed($1) as noted',
    [tenantId],
  )
  return rows[0]?.noted === true
}
