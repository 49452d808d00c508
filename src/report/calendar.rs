//! What is due as an iCalendar file (RFC 5545), for a calendar to subscribe to.
//!
//! An event keeps its UID as long as the entry keeps its id, so that a renewal moves the
//! event instead of adding one.

use icalendar::{Calendar, Component, Event, Property};
use jiff::civil::Date;
use uuid::Uuid;

use super::exceptions::{Due, What};
use super::table::cell;

/// The namespace of the UIDs: made from a name, as RFC 9562 wants it.
const NAMESPACE: &str = "https://byway.invalid/calendar";

/// The calendar. `today` is its time stamp, so that it can be repeated.
pub fn write(due: &[Due<'_>], today: Date) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//byway//register//EN"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.append_property(Property::new("X-WR-CALNAME", "Exceptions"));
    for one in due {
        calendar.push(event(one, today));
    }
    calendar.to_string()
}

fn event(due: &Due<'_>, today: Date) -> Event {
    let entry = due.listed.entry;
    let id = cell(&entry.id.value);
    let title = cell(&entry.title);
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
    let name = format!("{}/{}", due.what.name(), entry.id.value);
    let uid = Uuid::new_v5(&namespace, name.as_bytes());
    let (summary, advice) = match due.what {
        What::Expires => (
            format!("{id} expires: {title}"),
            "After this day it covers nothing. Remove what it excepts, or have it renewed with a new reason.",
        ),
        What::Review => (
            format!("{id} to be reviewed: {title}"),
            "Look whether it is still needed and whether its controls work, then run `byway register review`.",
        ),
    };
    let day = |day: Date| day.strftime("%Y%m%d").to_string();
    let all_day = |key: &str, value: Date| {
        let mut property = Property::new(key, day(value));
        property.add_parameter("VALUE", "DATE");
        property.done()
    };
    let mut event = Event::with_uid(&uid.to_string());
    event
        .append_property(Property::new("DTSTAMP", format!("{}T000000Z", day(today))))
        .append_property(all_day("DTSTART", due.day))
        .append_property(all_day("DTEND", due.day.tomorrow().unwrap_or(Date::MAX)))
        .append_property(Property::new("TRANSP", "TRANSPARENT"))
        .append_property(Property::new("CATEGORIES", entry.category.name()))
        .summary(&summary)
        .description(&format!("Owner: {}\n{advice}", cell(&entry.owner.value)));
    event.done()
}
