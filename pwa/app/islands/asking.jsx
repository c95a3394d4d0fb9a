/** The questions before a check-in: whether the phone may compare its place, and who is here. */
import "../load/visiting.js";
import { GroupScan } from "./group.jsx";
import { PlaceQuestion } from "./place-question.jsx";

export { PlaceSaid } from "./place-question.jsx";

/** @param {{ question: import("./ask.jsx").Question, onPlace: (place: PlaceWord) => void, onAgain?: () => void }} props */
export function Asking({ question, onPlace, onAgain }) {
  if (question.is === "where") return <PlaceQuestion asked={question.asked} group={question.group} onPlace={onPlace} />;
  return <GroupScan code={question.code} stop={question.stop} onAgain={onAgain} />;
}
