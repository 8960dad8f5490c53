const token = new URLSearchParams(location.hash.slice(1)).get("token");
const answer = await_status();
async function await_status() {
  const answer = await fetch("/api/status", { headers: { Authorization: `Bearer ${token}` } });
  document.getElementById("status").textContent = JSON.stringify(await answer.json(), null, 2);
}
