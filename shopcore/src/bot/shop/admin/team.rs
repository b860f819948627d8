//! The team: who belongs to it, and what each role permits.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::customers::title;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::{Permission, Permissions};
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::roster::{Change, Role, Roster, TeamError};
use crate::bot::shop::{paging, typed};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::CustomerId;
use crate::store::{CustomerFilter, Page};
use crate::text::Name;

/// People that a search shows; who is not among them is looked for with more words.
const FOUND_MAX: u32 = 10;

/// Takes people into the team, and says what they may do.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct TeamDesk;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// A page of the members.
    List(u32),
    /// Asks whom to take in.
    Add,
    /// A member, or someone who may become one, with the roles to choose from.
    Member(CustomerId),
    /// Gives a role.
    Appoint(CustomerId, Role),
    /// Asks whether to take someone out.
    Dismiss(CustomerId),
    /// Takes someone out.
    Dismissed(CustomerId),
    /// The roles.
    Roles,
    /// Asks for the name of a role.
    AddRole,
    /// A role of the shop's own.
    Role(u16),
    /// Gives a role a permission, or takes it away.
    Toggle(u16, Permission),
    /// Asks whether to delete a role.
    DeleteRole(u16),
    /// Deletes a role.
    RoleDeleted(u16),
}

impl Action for Press {
    const PLUGIN: &'static str = "team";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Team)
    }
}

/// What is asked for next.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Step {
    Whom,
    RoleName,
}

impl State for Step {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Team)
    }
}

#[async_trait]
impl Plugin for TeamDesk {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "team",
            summary: t!(locale, "command-team"),
            require: Some(Permission::Team),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-team"), &Press::List(0))?;
        Ok(vec![MenuEntry { place: 190, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        list(ctx, 0).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(page) => list(ctx, page).await,
            Press::Add => ask_whom(ctx, None).await,
            Press::Member(customer) => member(ctx, customer).await,
            Press::Appoint(customer, role) => appoint(ctx, customer, role).await,
            Press::Dismiss(customer) => ask_dismissal(ctx, customer).await,
            Press::Dismissed(customer) => {
                ctx.change_team(&Change::Dismiss(customer)).await?;
                list(ctx, 0).await
            }
            Press::Roles => roles(ctx).await,
            Press::AddRole => ask_name(ctx, None).await,
            Press::Role(number) => role(ctx, &ctx.roster().await?, number).await,
            Press::Toggle(number, permission) => {
                let changed = ctx.change_team(&Change::Toggle(number, permission)).await?;
                role(ctx, &changed, number).await
            }
            Press::DeleteRole(number) => ask_deletion(ctx, number).await,
            Press::RoleDeleted(number) => {
                ctx.change_team(&Change::DeleteRole(number)).await?;
                roles(ctx).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Step::Whom, Answer::Text(text)) => choose_whom(ctx, text).await,
            (Step::Whom, Answer::File { .. } | Answer::Choice(_)) => ask_whom(ctx, None).await,
            (Step::RoleName, Answer::Text(text)) => add_role(ctx, text).await,
            (Step::RoleName, Answer::File { .. } | Answer::Choice(_)) => ask_name(ctx, None).await,
        }
    }
}

fn role_name(ctx: &Ctx<'_>, roster: &Roster, role: Role) -> Rich {
    match role {
        Role::Admin => t!(ctx, "role-admin"),
        Role::Support => t!(ctx, "role-support"),
        Role::Custom(number) => match roster.custom(number) {
            Ok(custom) => Rich::plain(custom.name.to_string()),
            Err(_) => t!(ctx, "role-gone"),
        },
    }
}

/// A permission as people read it.
fn permission_name(ctx: &Ctx<'_>, permission: Permission) -> Rich {
    match permission {
        Permission::Catalog => t!(ctx, "permission-catalog"),
        Permission::Stock => t!(ctx, "permission-stock"),
        Permission::Vouchers => t!(ctx, "permission-vouchers"),
        Permission::Orders => t!(ctx, "permission-orders"),
        Permission::Reviews => t!(ctx, "permission-reviews"),
        Permission::Money => t!(ctx, "permission-money"),
        Permission::Customers => t!(ctx, "permission-customers"),
        Permission::Broadcast => t!(ctx, "permission-broadcast"),
        Permission::Reports => t!(ctx, "permission-reports"),
        Permission::Settings => t!(ctx, "permission-settings"),
        Permission::Audit => t!(ctx, "permission-audit"),
        Permission::Team => t!(ctx, "permission-team"),
    }
}

async fn list(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let roster = ctx.roster().await?;
    let total = u64::try_from(roster.members().len()).unwrap_or(u64::MAX);
    let page = paging::clamp(page, total);
    let text = match total {
        0 => t!(ctx, "team-none"),
        count => t!(ctx, "team", count = count),
    };
    let mut view = View::text(text);
    let Page { offset, limit } = paging::rows(page);
    let rows = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    for (id, member) in roster.members().skip(rows(offset)).take(rows(limit)) {
        let who = title(&ctx.shop().customers().get(id).await?);
        let role = role_name(ctx, &roster, member.role);
        let label = t!(ctx, "button-a-member", who = who, role = role);
        view = view.row([Button::new(label, &Press::Member(id))?]);
    }
    let view = paging::turn(ctx, view, page, total, Press::List)?.row([
        Button::new(t!(ctx, "button-team-add"), &Press::Add)?,
        Button::new(t!(ctx, "button-roles"), &Press::Roles)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask_whom(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "team-ask-whom"));
    ctx.ask(&Step::Whom, Question::line(text)).await
}

async fn choose_whom(ctx: &Ctx<'_>, text: &str) -> Result<(), BotError> {
    let search = match Name::parse(text) {
        Ok(search) => search.to_string(),
        Err(error) => return ask_whom(ctx, Some(typed::text(ctx, error))).await,
    };
    let filter = CustomerFilter {
        search: Some(search),
        ..CustomerFilter::default()
    };
    let few = Page::first(FOUND_MAX);
    let found = ctx.shop().customers().list(&filter, few).await?;
    if found.total == 0 {
        return ask_whom(ctx, Some(t!(ctx, "team-nobody-found"))).await;
    }
    ctx.leave_dialog().await?;
    let mut view = View::text(t!(ctx, "team-choose-whom"));
    for customer in &found.items {
        let press = Press::Member(customer.id);
        view = view.row([Button::new(title(customer), &press)?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "button-team-add"), &Press::Add)?,
        Button::new(t!(ctx, "button-team"), &Press::List(0))?,
    ]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// The roles that the person may give: those that permit nothing they don't hold themselves.
fn givable(ctx: &Ctx<'_>, roster: &Roster) -> Vec<Role> {
    let own = roster.roles().map(|(number, _)| Role::Custom(number));
    let all = [Role::Admin, Role::Support].into_iter().chain(own);
    let lacking = |role| ctx.permissions().lacking(roster.permissions_of(role));
    all.filter(|role| lacking(*role).is_none()).collect()
}

async fn member(ctx: &Ctx<'_>, id: CustomerId) -> Result<(), BotError> {
    let roster = ctx.roster().await?;
    let customer = ctx.shop().customers().get(id).await?;
    let who = title(&customer);
    let held = roster.member(id).map(|member| member.role);
    let text = match held {
        Some(role) => t!(
            ctx,
            "team-member",
            who = who,
            role = role_name(ctx, &roster, role)
        ),
        None => t!(ctx, "team-choose-role", who = who),
    };
    let mut view = View::text(text);
    for role in givable(ctx, &roster) {
        let name = role_name(ctx, &roster, role);
        let label = match held == Some(role) {
            true => t!(ctx, "button-has", what = name),
            false => t!(ctx, "button-has-not", what = name),
        };
        view = view.row([Button::new(label, &Press::Appoint(id, role))?]);
    }
    if held.is_some() {
        let dismiss = t!(ctx, "button-dismiss");
        view = view.row([Button::new(dismiss, &Press::Dismiss(id))?]);
    }
    let view = view.row([Button::new(t!(ctx, "button-team"), &Press::List(0))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn appoint(ctx: &Ctx<'_>, id: CustomerId, role: Role) -> Result<(), BotError> {
    let customer = ctx.shop().customers().get(id).await?;
    ctx.change_team(&Change::Appoint(customer, role)).await?;
    member(ctx, id).await
}

async fn ask_dismissal(ctx: &Ctx<'_>, id: CustomerId) -> Result<(), BotError> {
    let customer = ctx.shop().customers().get(id).await?;
    let text = t!(ctx, "team-dismiss-confirm", who = title(&customer));
    let view = View::text(text)
        .row([Button::new(
            t!(ctx, "button-dismiss-confirm"),
            &Press::Dismissed(id),
        )?])
        .row([Button::new(t!(ctx, "button-team"), &Press::List(0))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// What a set permits, a line each.
fn permitted(ctx: &Ctx<'_>, permissions: Permissions) -> Rich {
    permissions.iter().fold(Rich::new(), |text, permission| {
        let what = permission_name(ctx, permission);
        text.line(t!(ctx, "role-permits", what = what))
    })
}

async fn roles(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let roster = ctx.roster().await?;
    let mut text = t!(ctx, "roles");
    for role in [Role::Admin, Role::Support] {
        let heading = t!(ctx, "role", name = role_name(ctx, &roster, role));
        let lines = permitted(ctx, roster.permissions_of(role));
        text = text.paragraph(heading.line(lines));
    }
    let mut view = View::text(text);
    for (number, custom) in roster.roles() {
        view = view.row([Button::new(&custom.name, &Press::Role(number))?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "button-role-add"), &Press::AddRole)?,
        Button::new(t!(ctx, "button-team"), &Press::List(0))?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask_name(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "role-ask-name"));
    ctx.ask(&Step::RoleName, Question::line(text)).await
}

async fn add_role(ctx: &Ctx<'_>, text: &str) -> Result<(), BotError> {
    let name = match Name::parse(text) {
        Ok(name) => name,
        Err(error) => return ask_name(ctx, Some(typed::text(ctx, error))).await,
    };
    match ctx.change_team(&Change::AddRole(name)).await {
        Ok(changed) => {
            ctx.leave_dialog().await?;
            let newest = changed.roles().last().map(|(number, _)| number);
            let number = newest.ok_or(TeamError::UnknownRole)?;
            role(ctx, &changed, number).await
        }
        Err(BotError::Team(TeamError::NameTaken)) => {
            ask_name(ctx, Some(t!(ctx, "team-name-taken"))).await
        }
        Err(error) => Err(error),
    }
}

/// A role with a button for each permission that the person holds themselves.
async fn role(ctx: &Ctx<'_>, roster: &Roster, number: u16) -> Result<(), BotError> {
    let custom = roster.custom(number)?;
    let text = t!(ctx, "role-edit", name = &custom.name);
    let mut view = View::text(text);
    for permission in ctx.permissions().iter() {
        let what = permission_name(ctx, permission);
        let label = match custom.permissions.allow(Some(permission)) {
            true => t!(ctx, "button-has", what = what),
            false => t!(ctx, "button-has-not", what = what),
        };
        view = view.row([Button::new(label, &Press::Toggle(number, permission))?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "button-role-delete"), &Press::DeleteRole(number))?,
        Button::new(t!(ctx, "button-roles"), &Press::Roles)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask_deletion(ctx: &Ctx<'_>, number: u16) -> Result<(), BotError> {
    let roster = ctx.roster().await?;
    let name = &roster.custom(number)?.name;
    let view = View::text(t!(ctx, "role-delete-confirm", name = name))
        .row([Button::new(
            t!(ctx, "button-role-delete-confirm"),
            &Press::RoleDeleted(number),
        )?])
        .row([Button::new(t!(ctx, "button-roles"), &Press::Roles)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}
