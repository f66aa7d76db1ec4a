/** The tables of projects.ts, and the notes, as models of Prisma. */
export const prismaModels = `
model Project {
  id       Int    @id @default(autoincrement())
  tenantId String @default(dbgenerated("watertight.tenant_id()")) @map("tenant_id")
  name     String
  tasks    Task[]

  @@unique([tenantId, id])
  @@map("projects")
  @@schema("app")
}

model Task {
  id        Int       @id @default(autoincrement())
  tenantId  String    @default(dbgenerated("watertight.tenant_id()")) @map("tenant_id")
  projectId Int       @map("project_id")
  title     String
  estimate  Decimal?  @db.Decimal(10, 2)
  due       DateTime? @db.Timestamptz(6)
  project   Project   @relation(fields: [tenantId, projectId], references: [tenantId, id])

  @@map("tasks")
  @@schema("app")
}

model Note {
  id       BigInt  @id @default(autoincrement())
  tenantId String  @default(dbgenerated("watertight.tenant_id()")) @map("tenant_id")
  body     String
  slug     String? @unique

  @@map("notes")
  @@schema("app")
}
`

interface Delegate<Row> {
  findMany(args?: object): Promise<Row[]>
  findUnique(args: object): Promise<Row | null>
  findFirst(args?: object): Promise<Row | null>
  count(args?: object): Promise<number>
  create(args: object): Promise<Row>
  createMany(args: object): Promise<{ count: number }>
  update(args: object): Promise<Row>
  updateMany(args: object): Promise<{ count: number }>
  upsert(args: object): Promise<Row>
  delete(args: object): Promise<Row>
  deleteMany(args?: object): Promise<{ count: number }>
}

export interface ProjectRow {
  readonly id: number
  readonly tenantId: string
  readonly name: string
  readonly tasks?: TaskRow[]
}

export interface TaskRow {
  readonly id: number
  readonly tenantId: string
  readonly title: string
  readonly estimate: { toString(): string } | null
  readonly due: Date | null
  readonly project?: ProjectRow
}

export interface NoteRow {
  readonly id: bigint
  readonly tenantId: string
  readonly body: string
}

/** What a client has inside of an interactive transaction. */
export interface PrismaQueries {
  readonly project: Delegate<ProjectRow>
  readonly task: Delegate<TaskRow>
  readonly note: Delegate<NoteRow>
  $queryRaw<Row>(text: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>
  $queryRawUnsafe<Row>(text: string, ...values: unknown[]): Promise<Row[]>
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>
  $executeRawUnsafe(text: string, ...values: unknown[]): Promise<number>
}

interface TransactionOptions {
  readonly isolationLevel?: string
  readonly timeout?: number
}

interface QueryExtension {
  query(this: void, args: unknown): Promise<unknown>
  readonly args: unknown
}

/** What the generated client has of what the tests use. */
export interface ProjectsClient extends PrismaQueries {
  $transaction<Result>(
    fn: (transaction: PrismaQueries) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>
  $transaction<Results extends readonly unknown[]>(
    queries: { readonly [Index in keyof Results]: Promise<Results[Index]> },
    options?: TransactionOptions,
  ): Promise<Results>
  $extends(extension: {
    query: { $allOperations(this: void, call: QueryExtension): Promise<unknown> }
  }): ProjectsClient
  $disconnect(): Promise<void>
}
