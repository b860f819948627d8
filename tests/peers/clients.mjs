// Makes, reads and ends a payment at each fake with the client that its gateway's customers use.
// Arguments: address and key of the fakes of Pakasir, Midtrans and Xendit, and the time there.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [pakasirAt, pakasirKey, midtransAt, midtransKey, xenditAt, xenditKey, now] =
  process.argv.slice(2);
const require = createRequire(`${process.env.SHOPCORE_NPM}/`);

async function pakasir() {
  // The client knows one address only.
  const real = globalThis.fetch;
  globalThis.fetch = (url, options) =>
    real(String(url).replace("https://app.pakasir.com", pakasirAt), options);
  const { Pakasir } = require("pakasir-sdk");
  const client = new Pakasir({ slug: "depodomain", apikey: pakasirKey });
  const made = await client.createPayment("qris", "npm-000001", 24145);
  assert.equal(made.order_id, "npm-000001");
  assert.ok(made.payment_number.length > 20);
  assert.equal((await client.detailPayment("npm-000001", 24145)).status, "pending");
  await client.simulationPayment("npm-000001", 24145);
  assert.equal((await client.detailPayment("npm-000001", 24145)).status, "completed");
  await client.createPayment("qris", "npm-000002", 24145);
  await client.cancelPayment("npm-000002", 24145);
  globalThis.fetch = real;
}

async function midtrans() {
  const { CoreApi, Snap } = require("midtrans-client");
  const here = (client) => {
    const http = client.httpClient.http_client;
    http.interceptors.request.use((config) => {
      config.url = config.url.replace(/^https:\/\/(api|app)\.sandbox\.midtrans\.com/, midtransAt);
      return config;
    });
    return client;
  };
  const options = { isProduction: false, serverKey: midtransKey, clientKey: "" };
  const [core, snap] = [here(new CoreApi(options)), here(new Snap(options))];
  const details = (order_id) => ({ order_id, gross_amount: 24145 });
  const items = [{ id: "1", price: 24145, quantity: 1, name: "Order" }];
  const page = await snap.createTransaction({
    transaction_details: details("npm-1"),
    item_details: items,
    expiry: { start_time: now, unit: "minute", duration: 15 },
    page_expiry: { unit: "minute", duration: 15 },
  });
  assert.match(page.redirect_url, /^https:/);
  const charge = await core.charge({
    payment_type: "qris",
    transaction_details: details("npm-2"),
    item_details: items,
    custom_expiry: { unit: "minute", expiry_duration: 15 },
  });
  assert.equal(charge.transaction_status, "pending");
  assert.equal((await core.transaction.status("npm-2")).order_id, "npm-2");
  await core.transaction.expire("npm-2");
  assert.equal((await core.transaction.status("npm-2")).transaction_status, "expire");
}

async function xendit() {
  const { Xendit } = require("xendit-node");
  const { Invoice } = new Xendit({ secretKey: xenditKey, xenditURL: xenditAt });
  const data = {
    externalId: "npm-1",
    amount: 24145,
    currency: "IDR",
    description: "Order",
  };
  const made = await Invoice.createInvoice({ data });
  assert.equal(made.status, "PENDING");
  const listed = await Invoice.getInvoices({ externalId: "npm-1" });
  assert.equal(listed[0].id, made.id);
  await Invoice.expireInvoice({ invoiceId: made.id });
  const read = await Invoice.getInvoiceById({ invoiceId: made.id });
  assert.equal(read.status, "EXPIRED");
}

for (const [name, run] of Object.entries({ pakasir, midtrans, xendit })) {
  await run();
  console.log(`${name}: ok`);
}
