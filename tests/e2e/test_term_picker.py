"""An organiser says which skills a badge stands for, by keys alone, on a small phone."""

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_screens import look
from tests.e2e.test_sessions import desk, press


def test_skills_are_chosen_by_keys_alone_and_taken_away_again(visitor: Page, demo_city: RunningCity) -> None:
    visitor.set_viewport_size({"width": 360, "height": 740})
    desk(visitor, demo_city)
    visitor.get_by_role("link", name="Badges What they say").click()
    visitor.get_by_role("link", name="New badge").click()
    field = visitor.get_by_role("combobox", name="Look for a skill")
    field.fill("critical")
    expect(visitor.get_by_role("listbox").get_by_role("option")).to_have_count(4)
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "skill-option-0"
    field.press("Enter")
    field.press("ArrowUp")
    field.press("Enter")
    chosen = visitor.get_by_role("list", name="Chosen").get_by_role("listitem")
    expect(chosen).to_have_count(2)
    look(visitor)
    field.press("Escape")
    expect(visitor.get_by_role("listbox")).to_be_hidden()
    visitor.get_by_role("button", name="Take away: Critical thinking").press("Enter")
    expect(chosen).to_have_count(1)
    visitor.get_by_text("Go through the lists").press("Enter")
    for name in ("LifeComp", "Social", "Empathy"):
        visitor.get_by_role("button", name=name).press("Enter")
    expect(visitor.get_by_role("button", name="Empathy LifeComp S1")).to_have_attribute(
        "aria-pressed", "true"
    )
    look(visitor)

    visitor.get_by_text("A skill from elsewhere").press("Enter")
    visitor.get_by_label("Address", exact=True).fill("https://skills.example/juggling")
    press(visitor, "Save the draft")
    expect(visitor.get_by_role("alert").first).to_contain_text("Write its name beside it")
    expect(chosen).to_have_count(2)
    visitor.get_by_label("Its name").fill("Juggling")
    visitor.get_by_label("Name (English)").fill("Guide")
    press(visitor, "Save the draft")
    visitor.get_by_role("link", name="Edit", exact=True).click()
    expect(chosen).to_contain_text(["think critically", "Empathy", "Juggling"])
