/** What must be said wherever expressions are shown. */

export function Caption() {
  return (
    <footer class="container-fluid caption">
      <p>
        An expression is what a face shows, not what a person feels. Pictures are analysed and
        forgotten; nobody is recognised. Not for use on people at work or in education.{" "}
        <a href="/v1/notice" target="_blank" rel="noopener">
          Notice for people who are seen
        </a>{" "}
        ·{" "}
        <a href="/docs" target="_blank" rel="noopener">
          API
        </a>
      </p>
    </footer>
  );
}
