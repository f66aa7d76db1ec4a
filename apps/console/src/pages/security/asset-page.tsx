import { Button, Group, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailText } from '../../details/detail-text.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { OrgUnitName } from '../../directory/org-unit-name.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { assetFields, emptiableAssetFields } from './asset-fields.js'

/** One asset. */
export function Page(): ReactNode {
  const path = { assetId: useParam('assetId') }
  const { data: asset, error } = useQueries().useQuery('get', '/api/v1/assets/{assetId}', {
    params: { path },
  })
  const mayWrite = useMay('assets.write')
  const maySeeEvidence = useMay('evidence.read')
  const { fetch } = useApi()
  const action = useAction()
  const [isRetiring, setRetiring] = useState(false)
  const [isChanging, setChanging] = useState(false)
  if (error !== null) return <ObjectProblem error={error} what="asset" />
  if (asset === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/assets', title: 'Assets' }}
      title={asset.displayName}
      badge={<StateBadge state={asset.status} />}
      actions={
        mayWrite && (
          <>
            {asset.status === 'pending' && (
              <Button
                onClick={() =>
                  action.start(
                    () => fetch.POST('/api/v1/assets/{assetId}/approve', { params: { path } }),
                    'The asset was approved.',
                  )
                }
              >
                Approve
              </Button>
            )}
            {asset.status !== 'retired' && (
              <>
                <Button variant="default" onClick={() => setChanging(true)}>
                  Edit
                </Button>
                <Button variant="default" onClick={() => setRetiring(true)}>
                  Retire …
                </Button>
              </>
            )}
          </>
        )
      }
    >
      <Facts
        facts={[
          ['Host name', asset.hostname],
          ['Kind', asset.kind],
          ['Org unit', <OrgUnitName key="unit" id={asset.orgUnitId} />],
          ['Address', asset.address],
          ['Hardware address', asset.hardwareAddress],
          ['Serial number', asset.serialNumber],
          ['Tags', asset.tags.join(', ') || null],
          ['Entered', <Time key="entered" at={asset.createdAt} />],
          ['Approved by', <MemberName key="approver" id={asset.approvedBy} />],
          ['Approved', <Time key="approved" at={asset.approvedAt} />],
          ['Last seen', <Time key="seen" at={asset.lastSeenAt} />],
          [
            'Elsewhere',
            <Group key="elsewhere" gap="md">
              <PageLink to="/alerts" search={path}>
                Its alerts
              </PageLink>
              {maySeeEvidence && (
                <PageLink to="/evidence" search={path}>
                  Its evidence
                </PageLink>
              )}
            </Group>,
          ],
        ]}
      />
      <section aria-label="Attributes">
        <Title order={2} size="h4" mb="xs">
          Attributes
        </Title>
        <DetailText label="Attributes" value={asset.attributes} />
      </section>
      {isChanging && (
        <FormModal
          title={`Edit ${asset.displayName}`}
          fields={assetFields(asset)}
          submit="Save"
          onSubmit={(values) =>
            action.run(
              fetch.PATCH('/api/v1/assets/{assetId}', {
                params: { path },
                body: withCleared({ tags: [], ...values }, emptiableAssetFields, null) as never,
              }),
              'The asset was changed.',
            )
          }
          onClose={() => setChanging(false)}
        />
      )}
      {isRetiring && (
        <ConfirmModal
          title="Retire this asset?"
          name={asset.hostname}
          confirm="Retire"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/assets/{assetId}/retire', { params: { path } }),
              'The asset was retired.',
            )
          }
          onClose={() => setRetiring(false)}
        >
          It is taken out of use for good, and its host name becomes free for another.
        </ConfirmModal>
      )}
    </DetailPage>
  )
}
