import { protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

const user = "current_setting('app.current_user_id', true)"

/** Teams, projects and tasks: only projects name the team. */
export const teamChain: SchemaCase = {
  name: 'teams, projects and tasks, each through the one above',
  sql: `create table teams (id int generated always as identity primary key, name text not null);
  create table team_members (team_id int not null references teams on delete cascade, user_id text not null, role text not null default 'viewer' check (role in ('owner', 'editor', 'viewer')), active boolean not null default true, primary key (team_id, user_id));
  create table projects (id int generated always as identity primary key, team_id int not null references teams, title text not null, status text not null default 'open');
  create table tasks (id int generated always as identity primary key, project_id int not null references projects on delete cascade, title text not null, assignee text, done boolean not null default false);
  create table task_comments (id int generated always as identity primary key, task_id int not null references tasks on delete cascade, author text not null, body text not null);
  create table labels (id int generated always as identity primary key, project_id int not null references projects, name text not null);
  create table task_labels (task_id int not null references tasks on delete cascade, label_id int not null references labels, primary key (task_id, label_id));
  ${protect('teams', 'team_members', 'projects', 'tasks', 'task_comments', 'labels', 'task_labels')}
  revoke insert, delete on teams from {app}; revoke insert, update, delete on team_members from {app};
  create policy member on teams for select to {app} using (exists (select 1 from team_members m where m.team_id = teams.id and m.user_id = ${user} and m.active));
  create policy owner on teams for update to {app} using (exists (select 1 from team_members m where m.team_id = teams.id and m.user_id = ${user} and m.active and m.role = 'owner'));
  create policy me on team_members for select to {app} using (user_id = ${user} and active);
  create policy member on projects to {app} using (team_id in (select team_id from team_members where user_id = ${user} and active));
  create policy member on tasks to {app} using (exists (select 1 from projects p join team_members m on m.team_id = p.team_id where p.id = tasks.project_id and m.user_id = ${user} and m.active))
    with check (exists (select 1 from projects p join team_members m using (team_id) where p.id = tasks.project_id and m.user_id = ${user} and m.active and m.role <> 'viewer'));
  create policy through_task on task_comments for select to {app} using (task_id in (select t.id from tasks t inner join projects p on p.id = t.project_id where p.team_id in (select m.team_id from team_members m where m.user_id = ${user} and m.active)));
  create policy own_comment on task_comments for insert to {app} with check (author = ${user} and exists (select from tasks t where t.id = task_id));
  create policy edit_own on task_comments for update to {app} using (author = ${user} and exists (select from tasks t where t.id = task_comments.task_id));
  create policy remove_own on task_comments for delete to {app} using (author = ${user} and exists (select from tasks t where t.id = task_comments.task_id));
  create policy through_project on labels to {app} using (exists (select 1 from projects where projects.id = labels.project_id));
  create policy two on task_labels to {app} using (exists (select 1 from tasks where id = task_id) and exists (select 1 from labels where id = label_id));`,
  config: {
    tenantKey: { column: 'team_id', type: 'bigint', table: 'public.teams' },
    userKey: { type: 'text' },
    context: {
      kind: 'membership',
      user: { guc: 'app.current_user_id' },
      via: { table: 'public.team_members', user: 'user_id', tenant: 'team_id', where: 'active' },
    },
    schemas: ['public'],
  },
  inferred: {
    context: {
      kind: 'membership',
      via: { table: { name: 'team_members' }, user: 'user_id', tenant: 'team_id' },
    },
    column: 'team_id',
  },
  twins: [
    {
      name: 'the comment is looked up by its own id',
      sql: `drop policy through_task on task_comments; create policy through_task on task_comments for select to {app} using (id in (select t.id from tasks t));`,
      leaks: ['public.task_comments SELECT'],
    },
    {
      name: 'an inner name captures the outer one',
      sql: `drop policy through_project on labels; create policy through_project on labels to {app} using (exists (select 1 from tasks where tasks.project_id = project_id));`,
      leaks: ['public.labels SELECT', 'public.labels INSERT'],
    },
    {
      name: 'an outer join loses the condition',
      sql: `drop policy member on tasks; create policy member on tasks to {app} using (exists (select 1 from team_members m left join projects p on p.team_id = m.team_id and p.id = tasks.project_id where m.user_id = ${user}));`,
      leaks: ['public.tasks DELETE'],
    },
    {
      name: 'assignees of anywhere',
      sql: `create policy assignee on tasks for select to {app} using (assignee = ${user});`,
      leaks: ['public.tasks SELECT'],
    },
  ],
}
