// Answers with the Origin that reached it. What may be read by whom, each place says with `cors`.
'use strict'

const cors = require('cors')
const express = require('express')

const app = express()

app.use((request, response, next) => {
  response.vary('Accept-Encoding')
  next()
})
app.use('/anyone', cors())
app.use('/listed', cors({ origin: ['https://b.example', 'https://c.example'], credentials: true, exposedHeaders: ['x-express'] }))
app.use('/reflected', cors({ origin: true, credentials: true }))
app.use('/twice', cors(), cors({ origin: 'https://b.example' }))
app.use('/failing', cors(), () => {
  throw new Error('on purpose')
})
app.use((request, response) => {
  response.json({ method: request.method, origin: request.headers.origin ?? null })
})

const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
