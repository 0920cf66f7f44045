/** Text in which "BI-FAST" never breaks at its hyphen; the text itself stays as it is, for search and screen readers. */
export function Unbroken(props: { readonly text: string }) {
  return (
    <>
      {props.text.split(/(\(?BI-FAST\)?)/).map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          <span key={index} class="unbroken">
            {part}
          </span>
        ),
      )}
    </>
  );
}
