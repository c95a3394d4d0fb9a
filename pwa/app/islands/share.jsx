/** Sharing a picture with its link: the phone's own share sheet, else a copied link and a picture to download. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { pictureToShare, share } from "../actions/share.js";
import { gettext } from "../i18n.js";
import { Sign } from "./icons.jsx";

/**
 * @param {HTMLElement} element
 * @param {import("../actions/share.js").Shared} props
 */
export function start(element, props) {
  element.replaceChildren();
  render(<ShareWays {...props} />, element);
}

/** @param {import("../actions/share.js").Shared} props */
export function ShareWays(props) {
  const { title, image, url } = props;
  const [picture, setPicture] = useState(/** @type {File | null} */ (null));
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (image) void pictureToShare(image, title).then(setPicture);
  }, [image, title]);

  const tell = async () => {
    setSaid("");
    setSaid(outcomeWords(await share(props, picture), url));
  };
  return (
    <div class="share">
      <button type="button" class="button" onClick={tell}>
        <Sign name="share" />
        {gettext("Share")}
      </button>
      {picture && !("share" in navigator) && <PictureLink picture={picture} />}
      <p class="share-said" role="status">
        {said}
      </p>
    </div>
  );
}

/** @param {{picture: File}} props */
function PictureLink({ picture }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(picture);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return (
    <a class="button button-quiet" href={address} download={picture.name}>
      {gettext("Download the picture")}
    </a>
  );
}

/**
 * @param {Awaited<ReturnType<typeof share>>} outcome
 * @param {string} url
 */
function outcomeWords(outcome, url) {
  if (outcome === "copied") return gettext("The link is copied.");
  if (outcome === "failed") return gettext("Copy this link: %(url)s", { url });
  return outcome === "shared" ? gettext("Shared.") : "";
}
